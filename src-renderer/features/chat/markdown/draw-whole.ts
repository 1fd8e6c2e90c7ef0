import { createContext } from 'react';

/** All of an answer is drawn, however long it is: somebody looks for words in it. */
export const DrawWhole = createContext(false);
