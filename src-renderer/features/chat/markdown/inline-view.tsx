import type { ReactNode } from 'react';
import { ImageView } from './image-view.tsx';
import { LinkView } from './link-view.tsx';
import type { InlineNode } from './markdown-nodes.ts';
import { MathView } from './math-view.tsx';
import { NoteMark } from './note-view.tsx';

/** Words, in elements: what a text says is never read as markup of the page. */
export function Inline({ nodes }: { nodes: readonly InlineNode[] }): ReactNode {
  return nodes.map((node, index) => <InlineView key={index} node={node} />);
}

function InlineView({ node }: { node: InlineNode }): ReactNode {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return <br />;
    case 'code':
      return <code dir="ltr">{node.text}</code>;
    case 'strong':
      return (
        <strong>
          <Inline nodes={node.children} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Inline nodes={node.children} />
        </em>
      );
    case 'deleted':
      return (
        <del>
          <Inline nodes={node.children} />
        </del>
      );
    case 'link':
      return (
        <LinkView href={node.href} title={node.title} words={wordsOf(node.children)}>
          <Inline nodes={node.children} />
        </LinkView>
      );
    case 'image':
      return <ImageView src={node.src} alt={node.alt} title={node.title} />;
    case 'math':
      return <MathView source={node.source} display={node.display} />;
    case 'note':
      return <NoteMark label={node.label} />;
  }
}

/** What nodes say without their marks. */
export function wordsOf(nodes: readonly InlineNode[]): string {
  return nodes
    .map((node) => {
      if ('children' in node) return wordsOf(node.children);
      if (node.kind === 'text' || node.kind === 'code') return node.text;
      return node.kind === 'image' ? node.alt : node.kind === 'math' ? node.source : ' ';
    })
    .join('');
}
