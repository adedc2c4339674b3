/** What one job may weigh, bundled, minified and packed by brotli: what is reached and 2 %. */
export const bound = 35_392;
