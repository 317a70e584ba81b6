//! Changes to a model, most of which leave it well-formed.

use wasmtube_conformance::inputs::Numbers;

use super::wire::{Content, Field, Kind, Message, write_varint};

const INTERESTING: [i64; 16] = [
    0,
    1,
    2,
    3,
    4,
    7,
    -1,
    -2,
    255,
    1 << 16,
    1 << 20,
    i32::MAX as i64,
    i32::MIN as i64,
    u32::MAX as i64,
    i64::MAX,
    i64::MIN,
];

const FLOATS: [f32; 10] = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-40, 3.0e38, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];

const NAMES: [&str; 8] = ["", "x", "y", "a\u{1b}[31m", "\u{0}", "\u{202e}abc", "\"quoted\\\n", "n\u{e4}me"];

/// A model made of `models[index]`, and of parts of the others.
pub(super) fn mutant(random: &mut Numbers, models: &[Message]) -> Vec<u8> {
    let mut model = models[random.below(models.len())].clone();
    for _ in 0..=random.below(4) {
        change(random, &mut model, models);
    }
    let mut bytes = model.bytes();
    // Seldom what no writer would write.
    match random.below(12) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        2 if !bytes.is_empty() => {
            bytes.remove(random.below(bytes.len()));
        }
        _ => {}
    }
    bytes
}

fn change(random: &mut Numbers, model: &mut Message, models: &[Message]) {
    let messages = model.messages();
    let place = random.below(messages.len());
    let kind = messages[place].kind;
    let other = donor(random, models, kind);
    let texts = texts(model);
    let Some(message) = model.message_mut(place) else { return };
    let count = message.fields.len();
    match random.below(10) {
        0 if count > 0 => {
            message.fields.remove(random.below(count));
        }
        1 if count > 0 => {
            let field = message.fields[random.below(count)].clone();
            message.fields.insert(random.below(count + 1), field);
        }
        2 if count > 1 => message.fields.swap(random.below(count), random.below(count)),
        3 => {
            if let Some(field) = other {
                message.fields.insert(random.below(count + 1), field);
            }
        }
        4 if count > 0 => {
            // Another field of the same place.
            if let Some(field) = other {
                message.fields[random.below(count)] = field;
            }
        }
        5 if random.below(4) == 0 && count > 0 => message.fields[random.below(count)].number = random.bits() % 24,
        6 => pack(message),
        _ if count > 0 => {
            let at = random.below(count);
            change_content(random, &mut message.fields[at], kind, &texts);
        }
        _ => {}
    }
}

/// A field of a message of the same kind, of any model.
fn donor(random: &mut Numbers, models: &[Message], kind: Kind) -> Option<Field> {
    let model = &models[random.below(models.len())];
    let alike: Vec<&Message> = model.messages().into_iter().filter(|message| message.kind == kind).collect();
    if alike.is_empty() {
        return None;
    }
    let fields = &alike[random.below(alike.len())].fields;
    (!fields.is_empty()).then(|| fields[random.below(fields.len())].clone())
}

/// The short texts of a model: names, and what looks like one.
fn texts(model: &Message) -> Vec<Vec<u8>> {
    let fields = model.messages().into_iter().flat_map(|message| &message.fields);
    let texts = fields.filter_map(|field| match &field.content {
        Content::Bytes(bytes) if bytes.len() < 24 => Some(bytes.clone()),
        _ => None,
    });
    texts.collect()
}

fn change_content(random: &mut Numbers, field: &mut Field, kind: Kind, texts: &[Vec<u8>]) {
    match &mut field.content {
        Content::Varint(value) => {
            *value = match random.below(4) {
                0 => value.wrapping_add(1),
                1 => value.wrapping_sub(1),
                2 => random.bits() >> random.below(64),
                _ => INTERESTING[random.below(INTERESTING.len())].cast_unsigned(),
            };
        }
        Content::Fixed32(bytes) => *bytes = FLOATS[random.below(FLOATS.len())].to_le_bytes(),
        Content::Fixed64(bytes) => *bytes = random.bits().to_le_bytes(),
        Content::Bytes(bytes) => change_bytes(random, bytes, kind, field.number, texts),
        // A message whose bytes are cut, or that is none.
        Content::Message(message) => {
            let mut bytes = message.bytes();
            if random.below(3) > 0 {
                return;
            }
            bytes.truncate(random.below(bytes.len() + 1));
            field.content = Content::Bytes(bytes);
        }
    }
}

fn change_bytes(random: &mut Numbers, bytes: &mut Vec<u8>, kind: Kind, number: u64, texts: &[Vec<u8>]) {
    if kind == Kind::Tensor && number == 9 {
        return change_data(random, bytes);
    }
    let operators: Vec<&str> = compiler::operators().collect();
    *bytes = match random.below(4) {
        0 if kind == Kind::Node && number == 4 => operators[random.below(operators.len())].into(),
        0 | 1 if !texts.is_empty() => texts[random.below(texts.len())].clone(),
        2 => NAMES[random.below(NAMES.len())].into(),
        _ => {
            let mut bytes = bytes.clone();
            bytes.push(random.bits() as u8);
            bytes
        }
    };
}

/// Raw data: other numbers, or too many or too few.
fn change_data(random: &mut Numbers, bytes: &mut Vec<u8>) {
    match random.below(6) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => bytes.extend([0; 4]),
        2 if bytes.len() >= 8 => {
            let at = random.below(bytes.len() / 8) * 8;
            bytes[at..at + 8].copy_from_slice(&INTERESTING[random.below(INTERESTING.len())].to_le_bytes());
        }
        _ if bytes.len() >= 4 => {
            let at = random.below(bytes.len() / 4) * 4;
            bytes[at..at + 4].copy_from_slice(&FLOATS[random.below(FLOATS.len())].to_le_bytes());
        }
        _ => {}
    }
}

/// Packs the numbers that are written one by one, or writes those that are packed one by one.
fn pack(message: &mut Message) {
    let lists: &[u64] = match message.kind {
        Kind::Attribute => &[8],
        Kind::Tensor => &[1, 5, 7],
        _ => &[],
    };
    for list in lists {
        let mut packed = vec![];
        message.fields.retain(|field| match field.content {
            Content::Varint(value) if field.number == *list => {
                write_varint(&mut packed, value);
                false
            }
            _ => true,
        });
        if !packed.is_empty() {
            message.fields.push(Field { number: *list, content: Content::Bytes(packed) });
        }
    }
}
