//! Ids in the formats that the service has used.

use fastrand::Rng;

use crate::IdStyle;

const NANOID: &[u8; 64] = b"useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";

/// A version 4 UUID, followed by `suffix`.
pub(crate) fn uuid(rng: &mut Rng, suffix: &str) -> String {
    let bits = rng.u128(..) & !(0xF << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let digits = b"0123456789abcdef";
    let mut text = String::with_capacity(36 + suffix.len());
    for position in (0..32u32).rev() {
        if matches!(position, 23 | 19 | 15 | 11) {
            text.push('-');
        }
        let digit = usize::try_from(bits >> (position * 4) & 0xF).unwrap_or_default();
        text.push(digits.get(digit).copied().unwrap_or(b'0').into());
    }
    text.push_str(suffix);
    text
}

/// A new generation id.
pub(crate) fn new_generation_id(rng: &mut Rng, style: IdStyle) -> String {
    match style {
        IdStyle::Model => uuid(rng, ":stable-audio"),
        IdStyle::Vendor => uuid(rng, ":stability-ai/stable-audio"),
        IdStyle::Uuid | IdStyle::FirstRevision => uuid(rng, ""),
        IdStyle::Nanoid => nanoid(rng, 21),
    }
}

/// Whether the text has the format of a generation id, whether or not it exists.
pub(crate) fn is_well_formed(id: &str) -> bool {
    let is_word = |text: &str, also: &[u8]| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    match id.split_at_checked(36) {
        Some((uuid, model)) => {
            let mut parts = uuid.split('-');
            [8, 4, 4, 4, 12].iter().all(|length| {
                parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|it| it.is_ascii_hexdigit()))
            }) && (model.is_empty() || model.strip_prefix(':').is_some_and(|model| is_word(model, b"._-/")))
        }
        None => id.len() == 21 && is_word(id, b"_-"),
    }
}

fn nanoid(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| char::from(NANOID.get(rng.usize(..NANOID.len())).copied().unwrap_or(b'_'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant_in_place() {
        let mut rng = Rng::with_seed(7);
        for _ in 0..100 {
            let text = uuid(&mut rng, "");
            assert_eq!(text.len(), 36);
            assert_eq!(&text[14..15], "4");
            assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
            assert!(text.char_indices().all(|(at, c)| match at {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            }));
        }
    }

    #[test]
    fn every_style_gives_ids_of_its_format() {
        let mut rng = Rng::with_seed(7);
        assert!(new_generation_id(&mut rng, IdStyle::Model).ends_with(":stable-audio"));
        let vendor = new_generation_id(&mut rng, IdStyle::Vendor);
        assert!(vendor.contains(':') && vendor.contains('/'));
        assert_eq!(new_generation_id(&mut rng, IdStyle::Uuid).len(), 36);
        assert_eq!(new_generation_id(&mut rng, IdStyle::Nanoid).len(), 21);
    }

    #[test]
    fn ids_of_every_style_are_well_formed_and_other_text_is_not() {
        let mut rng = Rng::with_seed(7);
        for style in [IdStyle::Model, IdStyle::Vendor, IdStyle::Uuid, IdStyle::Nanoid, IdStyle::FirstRevision] {
            let id = new_generation_id(&mut rng, style);
            assert!(is_well_formed(&id), "{id}");
            assert!(!is_well_formed(&id[1..]) && !is_well_formed(&format!("{id} ")), "{id}");
        }
        let uuid = uuid(&mut rng, "");
        for other in ["", "none", "a\r\nb", &format!("{uuid}:"), &format!("{uuid}:a b"), &uuid.replace('-', "_")] {
            assert!(!is_well_formed(other), "{other}");
        }
    }
}
