/** Token counts as the provider reported them. `null` means that it said nothing, which is not zero. */
export interface Usage {
  /** All input tokens, cached ones included. */
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  cache_read_tokens: number | null;
  cache_write_tokens: number | null;
  /** Parts of the writes by how long they are kept; absent where the provider does not tell them apart. */
  cache_write_5m_tokens?: number;
  cache_write_1h_tokens?: number;
  reasoning_tokens: number | null;
}
