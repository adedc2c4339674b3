//! The body of a submit, with the service's field names.
//!
//! Source: the service's documentation of `POST /v2/generate/audio`.

use crate::model::request::AudioRequest;

/// The JSON that creates a generation; absent fields are left to the service.
pub(crate) fn submit_body(request: &AudioRequest) -> String {
    let mut json = String::from("{\"model\":\"stable-audio\",\"prompt\":\"");
    for letter in request.prompt.chars() {
        match letter {
            '"' | '\\' => {
                json.push('\\');
                json.push(letter);
            }
            '\0'..='\x1f' => {
                json.push_str("\\u00");
                push_hex(&mut json, letter as u8);
            }
            _ => json.push(letter),
        }
    }
    json.push('"');
    for (name, number) in [
        (",\"seconds_start\":", request.seconds_start),
        (",\"seconds_total\":", request.seconds_total),
        (",\"steps\":", request.steps),
    ] {
        if let Some(number) = number {
            json.push_str(name);
            push_number(&mut json, number);
        }
    }
    json.push('}');
    json
}

/// The standard library's formatting of numbers is larger.
fn push_number(json: &mut String, number: u32) {
    if number > 9 {
        push_number(json, number / 10);
    }
    json.push(hex_digit((number % 10) as u8));
}

/// Appends two hexadecimal digits.
pub(super) fn push_hex(text: &mut String, byte: u8) {
    text.push(hex_digit(byte >> 4));
    text.push(hex_digit(byte & 15));
}

/// The digit of a number below 16.
fn hex_digit(number: u8) -> char {
    char::from(if number < 10 { b'0' + number } else { b'A' - 10 + number })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_json_whatever_the_prompt_contains() {
        let all: String = ('\0'..='\u{7f}').chain("é🎵\u{2028}".chars()).collect();
        let request =
            AudioRequest { prompt: all.clone(), seconds_start: None, seconds_total: Some(47), steps: Some(1000) };
        let body: serde_json::Value = serde_json::from_str(&submit_body(&request)).unwrap();
        assert_eq!(body, json!({"model": "stable-audio", "prompt": all, "seconds_total": 47, "steps": 1000}));
    }
}
