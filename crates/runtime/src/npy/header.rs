//! The header: the one form of Python dictionary that NumPy writes, keys in any order.

use super::NpyError;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) descr: String,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<u64>,
}

pub(super) fn parse(text: &[u8]) -> Result<Header, NpyError> {
    let mut reader = Reader { text, at: 0 };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    reader.expect(b'{', "`{`")?;
    while !reader.accept(b'}') {
        let at = reader.at;
        let key = reader.string()?;
        reader.expect(b':', "`:`")?;
        match key.as_str() {
            "descr" => descr = Some(reader.string()?),
            "fortran_order" => fortran_order = Some(reader.boolean()?),
            "shape" => shape = Some(reader.tuple()?),
            _ => return Err(NpyError::Header { at, wanted: "one of the keys descr, fortran_order and shape" }),
        }
        if !reader.accept(b',') {
            reader.expect(b'}', "`,` or `}`")?;
            break;
        }
    }
    reader.skip_spaces();
    if reader.at != text.len() {
        return Err(reader.error("the end of the header"));
    }
    match (descr, fortran_order, shape) {
        (Some(descr), Some(fortran_order), Some(shape)) => Ok(Header { descr, fortran_order, shape }),
        _ => Err(reader.error("each of the keys descr, fortran_order and shape")),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn error(&self, wanted: &'static str) -> NpyError {
        NpyError::Header { at: self.at, wanted }
    }

    fn skip_spaces(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, wanted: &'static str) -> Result<(), NpyError> {
        if self.accept(byte) { Ok(()) } else { Err(self.error(wanted)) }
    }

    fn string(&mut self) -> Result<String, NpyError> {
        let quote = if self.accept(b'\'') {
            b'\''
        } else if self.accept(b'"') {
            b'"'
        } else {
            return Err(self.error("a quoted text"));
        };
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|&byte| byte == quote).ok_or_else(|| self.error("a closing quote"))?;
        let text = std::str::from_utf8(&rest[..len]).map_err(|_| self.error("a text in UTF-8"))?;
        self.at += len + 1;
        Ok(text.into())
    }

    fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_spaces();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<u64>, NpyError> {
        let mut sizes = Vec::new();
        self.expect(b'(', "`(`")?;
        while !self.accept(b')') {
            sizes.push(self.number()?);
            if !self.accept(b',') {
                self.expect(b')', "`,` or `)`")?;
                break;
            }
        }
        Ok(sizes)
    }

    fn number(&mut self) -> Result<u64, NpyError> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = std::str::from_utf8(&rest[..len]).map_err(|_| self.error("a size"))?;
        let size = digits.parse().map_err(|_| self.error("a size"))?;
        self.at += len;
        // Python 2 wrote long integers with a suffix.
        self.at += usize::from(self.text.get(self.at) == Some(&b'L'));
        Ok(size)
    }
}
