//! The place in a module's memory where the host puts arguments that the module did not make room for.

use abi::Window;

use crate::call_error::CallError;
use crate::instance::Instance;

const PAGE_BYTES: u64 = 65_536;

/// A window that was opened in one instance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) base: u32,
    pub(crate) bytes: u32,
}

impl Instance {
    /// A window of at least `need` bytes and, where there is room, of `wish` bytes.
    pub(crate) fn window(&mut self, need: usize, wish: usize) -> Result<Opened, CallError> {
        if let Some(opened) = self.window
            && u64::from(opened.bytes) >= need as u64
        {
            return Ok(opened);
        }
        let need = need as u64;
        let wish = need.max(wish as u64);
        let opened = match self.window_choice.clone() {
            Window::End => self.grow_window(need, wish)?,
            Window::At(base) => self.fixed_window(base, need)?,
            Window::Alloc(name) => self.allocate_window(&name, wish)?,
        };
        self.window = Some(opened);
        Ok(opened)
    }

    fn grow_window(&mut self, need: u64, wish: u64) -> Result<Opened, CallError> {
        let memory = self.memory()?;
        let size = memory.data_size(&self.store) as u64;
        // A window that still ends where the memory ends becomes longer, another one is left behind.
        let base = match self.window {
            Some(opened) if u64::from(opened.base) + u64::from(opened.bytes) == size => u64::from(opened.base),
            _ => size,
        };
        let own_limit = memory.ty(&self.store).maximum().map_or(1 << 32, |pages| pages.saturating_mul(PAGE_BYTES));
        let host_limit = size + self.store.data().limiter.memory_left();
        let end = own_limit.min(host_limit).min((1 << 32) - PAGE_BYTES) / PAGE_BYTES * PAGE_BYTES;
        let available = end.saturating_sub(base);
        if available < need {
            if host_limit < own_limit {
                return Err(CallError::MemoryLimit { wanted: base + need, limit: self.limits.memory_bytes });
            }
            let reason = format!("the module's memory may not grow by the {need} bytes that are needed");
            return Err(CallError::NoWindow { reason });
        }
        let bytes = wish.next_multiple_of(PAGE_BYTES).min(available);
        let pages = (base + bytes).saturating_sub(size).div_ceil(PAGE_BYTES);
        if let Err(error) = memory.grow(&mut self.store, pages) {
            return Err(CallError::NoWindow { reason: format!("the memory cannot grow by {pages} pages: {error}") });
        }
        opened(base, bytes)
    }

    fn fixed_window(&mut self, base: u32, need: u64) -> Result<Opened, CallError> {
        let size = self.memory()?.data_size(&self.store) as u64;
        let bytes = size.saturating_sub(u64::from(base));
        if bytes < need {
            let reason = format!("{need} bytes do not fit between address {base} and the end of the memory at {size}");
            return Err(CallError::NoWindow { reason });
        }
        opened(u64::from(base), bytes)
    }

    fn allocate_window(&mut self, name: &str, bytes: u64) -> Result<Opened, CallError> {
        let missing =
            || CallError::NoWindow { reason: format!("the module exports no allocator `{name}(bytes) -> address`") };
        let wanted =
            i32::try_from(bytes).map_err(|_| CallError::NoWindow { reason: format!("{bytes} bytes are too many") })?;
        let export = self.export(name).ok_or_else(missing)?;
        let answer = if let Ok(allocate) = export.typed::<i32, i32>(&self.store) {
            allocate.call(&mut self.store, wanted)
        } else if let Ok(allocate) = export.typed::<(i32, i32), i32>(&self.store) {
            allocate.call(&mut self.store, (wanted, 0))
        } else {
            return Err(missing());
        };
        let base = answer.map_err(|error| self.fault(&error))?.cast_unsigned();
        if base == 0 {
            return Err(self.no_room(wanted.cast_unsigned() as usize));
        }
        self.pin(base)?;
        opened(u64::from(base), bytes)
    }

    /// AssemblyScript collects what is not pinned.
    fn pin(&mut self, base: u32) -> Result<(), CallError> {
        if let Some(pin) = self.typed_export::<i32, i32>("__pin") {
            pin.call(&mut self.store, base.cast_signed()).map_err(|error| self.fault(&error))?;
        }
        Ok(())
    }
}

fn opened(base: u64, bytes: u64) -> Result<Opened, CallError> {
    match (u32::try_from(base), u32::try_from(bytes)) {
        (Ok(base), Ok(bytes)) => Ok(Opened { base, bytes }),
        _ => Err(CallError::NoWindow { reason: "the memory is 4 GiB already".into() }),
    }
}
