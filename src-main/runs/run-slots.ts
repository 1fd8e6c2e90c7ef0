import { Slots } from '../platform/slots.ts';

/** Limits how many runs call an upstream at once. */
export class RunSlots extends Slots {}
