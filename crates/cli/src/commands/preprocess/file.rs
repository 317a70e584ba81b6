//! A TOML file that says how a picture becomes the input of a model. Everything that is wrong in it is found at once.

use std::cell::RefCell;
use std::ops::Range;

use abi::{ChannelOrder, Filter, Layout, Place};
use compiler::{PreprocessName, PreprocessSpec, ResizeSpec};
use toml::de::{DeTable, DeValue};

/// Every key, in the order of the documentation.
const KEYS: [&str; 11] =
    ["base", "resize", "shorter_side", "fill", "place", "filter", "channels", "layout", "scale", "mean", "std"];

const FILTERS: [(&str, Filter); 3] =
    [("nearest", Filter::Nearest), ("bilinear", Filter::Bilinear), ("bicubic", Filter::Bicubic)];
const CHANNELS: [(&str, ChannelOrder); 3] =
    [("rgb", ChannelOrder::Rgb), ("bgr", ChannelOrder::Bgr), ("gray", ChannelOrder::Gray)];
const LAYOUTS: [(&str, Layout); 2] = [("nchw", Layout::Nchw), ("nhwc", Layout::Nhwc)];
const PLACES: [(&str, Place); 2] = [("top-left", Place::TopLeft), ("center", Place::Center)];
const RESIZES: [(&str, Way); 3] =
    [("stretch", Way::Stretch), ("shorter-side", Way::ShorterSide), ("letterbox", Way::Letterbox)];

/// [`ResizeSpec`] without what belongs to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Stretch,
    ShorterSide,
    Letterbox,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Byte of the text where it begins.
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) help: String,
}

/// Reads the text of a file of this name. What it leaves open is that of the set `base`, or of `raw`.
pub(super) fn parse(text: &str, name: &str) -> Result<PreprocessSpec, Vec<Mistake>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let file = File { table: table.get_ref(), mistakes: RefCell::default() };
    for error in &errors {
        let at = error.span().unwrap_or(0..0);
        file.report(&at, format!("this is not TOML, {}", error.message()), "correct it, then the rest is checked");
    }
    // One mistake in the grammar makes others of what is right.
    let spec = errors.is_empty().then(|| file.spec(name));
    let mut mistakes = file.mistakes.into_inner();
    match spec {
        Some(spec) if mistakes.is_empty() => Ok(spec),
        Some(_) | None => {
            mistakes.sort_by_key(|mistake| mistake.at);
            Err(mistakes)
        }
    }
}

struct File<'t> {
    table: &'t DeTable<'t>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl File<'_> {
    fn spec(&self, name: &str) -> PreprocessSpec {
        for key in self.table.keys().filter(|key| !KEYS.contains(&&**key.get_ref())) {
            let what = format!("there is no key `{}`", key.get_ref());
            self.report(&key.span(), what, format!("the keys are {}", KEYS.join(", ")));
        }
        if self.table.is_empty() {
            self.report(&(0..0), "the file says nothing", "write for example `base = \"imagenet\"`");
        }
        let sets = PreprocessName::ALL.map(|set| (set.name(), set));
        let base = PreprocessSpec::from(self.choice("base", &sets).unwrap_or(PreprocessName::Raw));
        PreprocessSpec {
            name: name.into(),
            layout: self.choice("layout", &LAYOUTS).or(base.layout),
            resize: self.resize(base.resize),
            filter: self.choice("filter", &FILTERS).unwrap_or(base.filter),
            channels: self.choice("channels", &CHANNELS).or(base.channels),
            scale: self.scale().unwrap_or(base.scale),
            mean: self.numbers("mean", true).unwrap_or(base.mean),
            std: self.numbers("std", false).unwrap_or(base.std),
        }
    }

    fn resize(&self, base: ResizeSpec) -> ResizeSpec {
        let (shorter_side, fill, place) = (self.shorter_side(), self.fill(), self.choice("place", &PLACES));
        let way = self.choice("resize", &RESIZES).unwrap_or(match base {
            ResizeSpec::Stretch => Way::Stretch,
            ResizeSpec::ShorterSide(_) => Way::ShorterSide,
            ResizeSpec::Letterbox { .. } => Way::Letterbox,
        });
        for (key, of, named) in [
            ("shorter_side", Way::ShorterSide, "shorter-side"),
            ("fill", Way::Letterbox, "letterbox"),
            ("place", Way::Letterbox, "letterbox"),
        ] {
            if let Some((at, _)) = self.entry(key).filter(|_| way != of) {
                let what = format!("`{key}` belongs to `resize = \"{named}\"`, this file resizes in another way");
                self.report(&at, what, format!("leave it out, or write `resize = \"{named}\"`"));
            }
        }
        match way {
            Way::Stretch => ResizeSpec::Stretch,
            Way::ShorterSide => ResizeSpec::ShorterSide(shorter_side),
            Way::Letterbox => {
                let (base_fill, base_place) = match base {
                    ResizeSpec::Letterbox { fill, place } => (Some(fill), Some(place)),
                    ResizeSpec::Stretch | ResizeSpec::ShorterSide(_) => (None, None),
                };
                for (key, example, known) in
                    [("fill", "114", base_fill.is_some()), ("place", "\"center\"", base_place.is_some())]
                {
                    if !known && self.entry(key).is_none() {
                        let at = self.entry("resize").map_or(0..0, |(at, _)| at);
                        self.report(
                            &at,
                            format!("`{key}` is missing"),
                            format!("add it, for example `{key} = {example}`"),
                        );
                    }
                }
                ResizeSpec::Letterbox {
                    fill: fill.or(base_fill).unwrap_or_default(),
                    place: place.or(base_place).unwrap_or(Place::Center),
                }
            }
        }
    }

    fn shorter_side(&self) -> Option<u32> {
        let (at, value) = self.entry("shorter_side")?;
        let pixels = integer(value).and_then(|pixels| u32::try_from(pixels).ok()).filter(|pixels| *pixels > 0);
        if pixels.is_none() {
            self.report(&at, "`shorter_side` is no number of pixels", "write an integer such as 256");
        }
        pixels
    }

    fn fill(&self) -> Option<[u8; 3]> {
        let (at, value) = self.entry("fill")?;
        let byte = |value: &DeValue<'_>| integer(value).and_then(|byte| u8::try_from(byte).ok());
        let fill = match value {
            DeValue::Array(values) => {
                let bytes: Option<Vec<u8>> = values.iter().map(|value| byte(value.get_ref())).collect();
                bytes.and_then(|bytes| bytes.try_into().ok())
            }
            value => byte(value).map(|byte| [byte; 3]),
        };
        if fill.is_none() {
            let help = "write an integer from 0 to 255, or three in a list for red, green and blue";
            self.report(&at, "`fill` is no color", help);
        }
        fill
    }

    fn scale(&self) -> Option<f64> {
        let (at, value) = self.entry("scale")?;
        self.number("scale", &at, value, false)
    }

    /// A number for all channels, or a list of one for each.
    fn numbers(&self, key: &str, may_be_zero: bool) -> Option<Vec<f64>> {
        let (at, value) = self.entry(key)?;
        let DeValue::Array(values) = value else {
            return self.number(key, &at, value, may_be_zero).map(|number| vec![number]);
        };
        let numbers = values.iter().map(|value| self.number(key, &value.span(), value.get_ref(), may_be_zero));
        // All are looked at before the first mistake ends it.
        let numbers: Vec<Option<f64>> = numbers.collect();
        if !matches!(numbers.len(), 1 | 3) {
            let what = format!("`{key}` has {} numbers", numbers.len());
            self.report(&at, what, "write one number, or three in the order of the channels");
            return None;
        }
        numbers.into_iter().collect()
    }

    fn number(&self, key: &str, at: &Range<usize>, value: &DeValue<'_>, may_be_zero: bool) -> Option<f64> {
        let number = match value {
            DeValue::Float(float) => float.as_str().parse().ok(),
            // Through text, which rounds to the nearest.
            DeValue::Integer(_) => integer(value).and_then(|integer| integer.to_string().parse::<f64>().ok()),
            _ => {
                self.report(at, format!("`{key}` is no number"), "write a number such as 0.5, without quotes");
                return None;
            }
        };
        let finite = number.filter(|number: &f64| number.is_finite());
        match finite {
            None => self.report(at, format!("`{key}` is not finite"), "write a number such as 0.5 or 1e-3"),
            Some(0.0) if !may_be_zero => {
                self.report(at, format!("`{key}` is zero"), "write another number, 1 for none")
            }
            Some(_) => return finite,
        }
        None
    }

    fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let (at, value) = self.entry(key)?;
        let known = |text: &str| words.iter().find(|(word, _)| *word == text);
        if let DeValue::String(text) = value
            && let Some((_, choice)) = known(text)
        {
            return Some(*choice);
        }
        let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let what = match value {
            DeValue::String(text) => format!("`{key}` has no value \"{text}\""),
            _ => format!("`{key}` is no text"),
        };
        self.report(&at, what, format!("write one of {}", words.join(", ")));
        None
    }

    fn entry(&self, key: &str) -> Option<(Range<usize>, &DeValue<'_>)> {
        self.table.get(key).map(|value| (value.span(), value.get_ref()))
    }

    fn report(&self, at: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        self.mistakes.borrow_mut().push(Mistake { at: at.start, what: what.into(), help: help.into() });
    }
}

fn integer(value: &DeValue<'_>) -> Option<i128> {
    match value {
        DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
