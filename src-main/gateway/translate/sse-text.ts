/** One server-sent event with a name and JSON. `JSON.stringify` leaves no line end in it. */
export function sseEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
