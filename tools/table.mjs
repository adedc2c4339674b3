// Rows of cells as lines of text.

/**
 * Aligns the columns: numbers, and the words above them, to the right, other words to the left. A
 * row may end early; an empty cell stays empty.
 */
export function aligned(rows) {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const count = Math.max(...rows.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, column) => ({
    width: Math.max(...texts.map((row) => row[column]?.length ?? 0)),
    right: rows.some((row) => typeof row[column] === 'number'),
  }));
  const line = (row) => row.map((cell, column) => pad(cell, columns[column])).join('  ');
  return texts.map((row) => line(row).trimEnd()).join('\n');
}

function pad(cell, { width, right }) {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
