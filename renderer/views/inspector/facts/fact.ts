/** One entry of the strip under an object's name. */
export interface Fact { label: string; value: string; mono?: boolean; of?: 'cpu' | 'memory' }
