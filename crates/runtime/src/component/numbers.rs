//! Lists of numbers on their way to a component.

use std::cell::Cell;

use wasmtime::component::Val;

use super::is_number;
use crate::plain::Number;
use crate::wit::WitType;

/// Longer lists are not kept for the next call.
const SPARE_MAX: usize = 1024;

thread_local! {
    /// The last list of numbers of this thread: to write over it is cheaper than to make and to drop one.
    static SPARE: Cell<Vec<Val>> = const { Cell::new(Vec::new()) };
}

/// Keeps a value for the next list, if it is a short list of numbers.
pub(crate) fn recycle(value: Val) {
    if let Val::List(values) = value
        && values.capacity() <= SPARE_MAX
        && values.first().is_some_and(is_number)
    {
        SPARE.set(values);
    }
}

/// The elements of a list of numbers.
pub(super) struct Numbers<'t> {
    pub(super) element: &'t WitType,
    /// The elements, and behind them what is left of an earlier list.
    values: Vec<Val>,
    len: usize,
}

impl<'t> Numbers<'t> {
    /// None yet of this type, with room for some, or `None` if it is no type of numbers.
    pub(super) fn new(element: &'t WitType, room: usize) -> Option<Self> {
        match element {
            WitType::S8 | WitType::U8 | WitType::S16 | WitType::U16 | WitType::S32 | WitType::U32 => {}
            WitType::S64 | WitType::U64 | WitType::F32 | WitType::F64 => {}
            _ => return None,
        }
        let mut values = SPARE.take();
        values.reserve(room.saturating_sub(values.len()));
        Some(Self { element, values, len: 0 })
    }

    /// Appends a value of the type.
    pub(super) fn append(&mut self, value: Val) {
        self.values.truncate(self.len);
        self.values.push(value);
        self.len += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn into_list(mut self) -> Val {
        self.values.truncate(self.len);
        Val::List(self.values)
    }
}

macro_rules! push {
    ($($wit:ident, $given:ident($number:ident) => $variant:ident($convert:expr);)*) => {
        impl Numbers<'_> {
            /// Appends a number that is one of the type without a question, and says whether it is.
            #[inline(always)]
            pub(super) fn push(&mut self, number: Number) -> bool {
                match (self.element, number) {
                    $((WitType::$wit, Number::$given($number)) => {
                        let Ok(number) = $convert else { return false };
                        match self.values.get_mut(self.len) {
                            Some(Val::$variant(place)) => {
                                *place = number;
                                self.len += 1;
                            }
                            _ => self.append(Val::$variant(number)),
                        }
                        true
                    })*
                    _ => false,
                }
            }
        }
    };
}

push! {
    S8, Signed(number) => S8(i8::try_from(number));
    U8, Unsigned(number) => U8(u8::try_from(number));
    S16, Signed(number) => S16(i16::try_from(number));
    U16, Unsigned(number) => U16(u16::try_from(number));
    S32, Signed(number) => S32(i32::try_from(number));
    U32, Unsigned(number) => U32(u32::try_from(number));
    S32, Unsigned(number) => S32(i32::try_from(number));
    U32, Signed(number) => U32(u32::try_from(number));
    S64, Unsigned(number) => S64(i64::try_from(number));
    S64, Signed(number) => S64(Ok::<_, ()>(number));
    U64, Unsigned(number) => U64(Ok::<_, ()>(number));
    U64, Signed(number) => U64(u64::try_from(number));
    F32, Single(number) => Float32(Ok::<_, ()>(number));
    F64, Double(number) => Float64(Ok::<_, ()>(number));
    F64, Single(number) => Float64(Ok::<_, ()>(number.into()));
    F64, Unsigned(number) => Float64(Ok::<_, ()>(number as f64));
    F64, Signed(number) => Float64(Ok::<_, ()>(number as f64));
}
