//! The module's allocator: blocks of powers of two, with a free list for each size.
//!
//! A general allocator is half a kilobyte larger, compressed. This one never returns memory, as no
//! module can, and does not join free blocks: a block serves only its own size again, so memory grows to
//! the most that was in use of each size, at most doubled.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

/// The size of the smallest block, and the alignment of every block, in bytes.
const LEAST: usize = 16;
/// A page of WebAssembly memory, in bytes.
const PAGE: usize = 1 << 16;

/// The free lists, by the binary logarithm of the block size.
pub(crate) struct Heap {
    free: [Cell<*mut u8>; 32],
    /// The memory between these two has never been used.
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

    /// Takes a block from memory that has never been used.
    fn fresh(&self, size: usize) -> *mut u8 {
        if self.end.get() - self.top.get() < size {
            let before = core::arch::wasm32::memory_grow(0, size.div_ceil(PAGE));
            if before == usize::MAX {
                return null_mut();
            }
            // The rest of the last page is part of the block, unless somebody else has grown the memory.
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

/// The list of the blocks for this layout, and their size.
fn class(layout: Layout) -> (usize, usize) {
    let size = layout.size().max(LEAST).checked_next_power_of_two().unwrap_or(0);
    (size.trailing_zeros() as usize, size)
}

#[expect(unsafe_code, reason = "what an allocator is")]
#[expect(clippy::cast_ptr_alignment, reason = "blocks are aligned to `LEAST`")]
// SAFETY: blocks do not overlap, are at least as large as requested and aligned to `LEAST`; larger alignments are
// refused. A free block is in one list only, and contains the pointer to the next one.
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
