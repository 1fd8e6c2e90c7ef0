/** Token counts as the provider reported them. `null` means that it said nothing, which is not zero. */
export interface Usage {
  /** All input tokens, cached ones included. */
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  cache_read_tokens: number | null;
  cache_write_tokens: number | null;
  reasoning_tokens: number | null;
}
