// A line as small as a word.

/** Give the path of some numbers, oldest first, in a box; empty for fewer than two. */
export function sparkline(values, width, height) {
  const numbers = values.filter(Number.isFinite);
  if (numbers.length < 2) return "";
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const x = (index) => (index / (numbers.length - 1)) * width;
  const y = (value) => (high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4));
  return `M${numbers.map((value, index) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`;
}
