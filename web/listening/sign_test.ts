/** How likely coin tosses are to give a result as one-sided as this, or more so. */
export function chanceOf(some: number, others: number): number {
  const choices = some + others;
  let ways = 1;
  let rarer = 0;
  for (let heads = 0; heads <= Math.min(some, others); heads++) {
    rarer += ways;
    ways = (ways * (choices - heads)) / (heads + 1);
  }
  return Math.min(1, (2 * rarer) / 2 ** choices);
}
