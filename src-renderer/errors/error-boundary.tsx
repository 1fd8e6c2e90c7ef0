import { Component, type ReactNode } from 'react';

export interface PageFailure {
  error: Error;
  /** Which components stood around the one that failed. */
  stack: string;
}

interface BoundaryProps {
  /** What is drawn in place of the part that failed. `retry` draws the part anew. */
  fallback: (failure: PageFailure, retry: () => void) => ReactNode;
  /** A failed part is drawn anew when this changes: somebody went elsewhere. */
  resetKey?: string;
  onFailure?: (failure: PageFailure) => void;
  children: ReactNode;
}

/** Keeps a failure while drawing within one part of the window: the parts around it go on. */
export class ErrorBoundary extends Component<BoundaryProps, { failure: PageFailure | null; resetKey?: string }> {
  override state: { failure: PageFailure | null; resetKey?: string } = { failure: null };

  static getDerivedStateFromError(thrown: unknown): { failure: PageFailure } {
    return { failure: { error: thrown instanceof Error ? thrown : new Error(String(thrown)), stack: '' } };
  }

  static getDerivedStateFromProps(
    props: BoundaryProps,
    state: { failure: PageFailure | null; resetKey?: string },
  ): { failure?: null; resetKey?: string } | null {
    if (props.resetKey === undefined || props.resetKey === state.resetKey) return null;
    return { resetKey: props.resetKey, failure: null };
  }

  override componentDidCatch(thrown: unknown, info: { componentStack?: string | null }): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const failure = { error, stack: info.componentStack ?? '' };
    this.setState({ failure });
    this.props.onFailure?.(failure);
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return this.props.fallback(failure, () => this.setState({ failure: null }));
  }
}
