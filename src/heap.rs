//! The module's allocator: blocks of powers of two, with a free list for each size.
//!
//! A general one weighs half a kilobyte more, compressed. This one never gives memory back, as no
//! module can, nor joins free blocks: what was used once for some size serves that size again, so
//! that memory stays as large as the most that was in use of each size, at most doubled.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

/// The smallest block, and what every block is aligned to, in bytes.
const LEAST: usize = 16;
/// WebAssembly's own, in bytes.
const PAGE: usize = 1 << 16;

/// The free lists, by the binary logarithm of the block size.
pub(crate) struct Heap {
    free: [Cell<*mut u8>; 32],
    /// The memory between these two was never used.
    top: Cell<usize>,
    end: Cell<usize>,
}

#[expect(unsafe_code, reason = "a module has one thread")]
// SAFETY: without threads nothing is shared between any.
unsafe impl Sync for Heap {}

impl Heap {
    /// Without any memory yet.
    pub(crate) const fn new() -> Self {
        Self { free: [const { Cell::new(null_mut()) }; 32], top: Cell::new(0), end: Cell::new(0) }
    }

    /// Takes a block from memory that was never used.
    fn fresh(&self, size: usize) -> *mut u8 {
        if self.end.get() - self.top.get() < size {
            let before = core::arch::wasm32::memory_grow(0, size.div_ceil(PAGE));
            if before == usize::MAX {
                return null_mut();
            }
            // What is left of the pages before is part of the block, unless others took some between.
            if before * PAGE != self.end.get() {
                self.top.set(before * PAGE);
            }
            self.end.set((before + size.div_ceil(PAGE)) * PAGE);
        }
        let at = self.top.get();
        self.top.set(at + size);
        core::ptr::with_exposed_provenance_mut(at)
    }
}

/// The list in which blocks for this layout are, and their size.
fn class(layout: Layout) -> (usize, usize) {
    let size = layout.size().max(LEAST).checked_next_power_of_two().unwrap_or(0);
    (size.trailing_zeros() as usize, size)
}

#[expect(unsafe_code, reason = "what an allocator is")]
#[expect(clippy::cast_ptr_alignment, reason = "blocks are aligned to `LEAST`")]
// SAFETY: every block is a piece of memory of its own, at least as large as was asked for and aligned to
// `LEAST`; nothing asks for more than that. A free block is in one list alone, and holds the next one.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (class, size) = class(layout);
        let Some(list) = self.free.get(class).filter(|_| layout.align() <= LEAST) else { return null_mut() };
        let first = list.get();
        if first.is_null() {
            return self.fresh(size);
        }
        // SAFETY: the block is free, and its first word was written when it became so.
        list.set(unsafe { first.cast::<*mut u8>().read() });
        first
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(list) = self.free.get(class(layout).0) {
            // SAFETY: the block is no longer used, and at least a word long.
            unsafe { block.cast::<*mut u8>().write(list.get()) };
            list.set(block);
        }
    }
}
