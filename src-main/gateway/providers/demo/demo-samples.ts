/** Code of which only the comment is in a language. It is long enough to be wrapped. */
export function pythonSample(comment: string): string {
  return String.raw`def primes(limit: int) -> list[int]:
    """${comment}"""
    sieve = [True] * (limit + 1)
    return [n for n in range(2, limit + 1) if sieve[n] and not sieve.__setitem__(slice(n * n, None, n), [False] * len(sieve[n * n :: n]))]`;
}

export const FORMULA = String.raw`\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
\qquad
A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}`;

/** A line that runs the other way, with a word that does not. */
export const ARABIC = 'هذا سطر من اليمين إلى اليسار مع كلمة English في وسطه.';
