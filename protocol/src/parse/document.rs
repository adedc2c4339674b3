//! Finding the end of a JSON document in bytes that arrive in pieces.

/// Finds the end of one JSON object by its braces, in linear time however small the pieces. It does not check
/// whether the object is well-formed.
#[derive(Clone, Debug, Default)]
pub struct DocumentScanner {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The object ended, or the text does not start with one.
    over: bool,
}

impl DocumentScanner {
    /// If the object ends in this piece, how many of its bytes belong to it.
    pub fn feed(&mut self, piece: &[u8]) -> Option<usize> {
        for (index, byte) in piece.iter().enumerate() {
            if self.over {
                return None;
            }
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' if self.depth > 0 => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' => self.depth = self.depth.saturating_add(1),
                b'}' if self.depth > 1 => self.depth -= 1,
                b'}' if self.depth == 1 => {
                    self.over = true;
                    return Some(index.saturating_add(1));
                }
                // White space, and the byte order mark that some servers begin with.
                b' ' | b'\t' | b'\n' | b'\r' | 0xEF | 0xBB | 0xBF => {}
                _ => self.over = self.depth == 0,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the object ends when its bytes arrive in pieces of that size.
    fn end(text: &str, size: usize) -> Option<usize> {
        let mut scanner = DocumentScanner::default();
        let mut before = 0;
        for piece in text.as_bytes().chunks(size) {
            if let Some(end) = scanner.feed(piece) {
                return Some(before + end);
            }
            before += piece.len();
        }
        None
    }

    #[test]
    fn the_end_of_an_object_is_found_in_pieces_of_any_size() {
        let object = r#"{"id":"a}b\"}{","in":[{"x":{}}],"note":"\\"}"#;
        for size in 1..=object.len() {
            assert_eq!(end(object, size), Some(object.len()), "in pieces of {size}");
            assert_eq!(end(&[" \n\u{feff}", object, "\n}"].concat(), size), Some(object.len() + 5));
        }
    }

    #[test]
    fn anything_but_a_whole_object_has_no_end() {
        for text in ["", "{", r#"{"a":"}"#, "[]", "12", "<html>{}</html>", "\"{}\"", "}{}", r#"{"a":{"b":1}"#] {
            assert_eq!(end(text, 1), None, "{text}");
        }
    }
}
