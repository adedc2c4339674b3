use std::alloc::{GlobalAlloc, Layout};

use wasm_bindgen_test::wasm_bindgen_test;

use crate::heap::Heap;

/// Blocks in use: where each is, its layout, and the byte that it is filled with.
type Used = Vec<(*mut u8, Layout, u8)>;

#[expect(unsafe_code, reason = "what an allocator is for")]
fn take(heap: &Heap, used: &mut Used, size: usize, mark: u8) {
    let layout = Layout::from_size_align(size, 8).expect("a layout");
    // SAFETY: a heap of its own, and a block that is not empty.
    let block = unsafe { heap.alloc(layout) };
    assert!(!block.is_null() && block.addr().is_multiple_of(16), "{size}");
    // SAFETY: the block has that size.
    unsafe { block.write_bytes(mark, size) };
    used.push((block, layout, mark));
}

#[expect(unsafe_code, reason = "what an allocator is for")]
fn give_back(heap: &Heap, (block, layout, mark): (*mut u8, Layout, u8)) {
    for offset in 0..layout.size() {
        // SAFETY: within the block, which was written whole.
        assert_eq!(unsafe { block.add(offset).read() }, mark, "another block has written into this one");
    }
    // SAFETY: it came from this heap with this layout.
    unsafe { heap.dealloc(block, layout) };
}

#[wasm_bindgen_test]
fn no_two_blocks_overlap_whatever_was_allocated_and_freed() {
    let heap = Heap::new();
    let mut used = Used::new();
    let mut random = 0x2545_F491_u32;
    for round in 0..1_500_u32 {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let size = if round % 50 == 0 { random % 40_000 } else { random % 300 };
        let mark = u8::try_from(round % 251).unwrap_or_default();
        take(&heap, &mut used, size as usize + 1, mark);
        if random & 3 != 0 {
            let index = (random >> 8) as usize % used.len();
            give_back(&heap, used.swap_remove(index));
        }
    }
    for block in used {
        give_back(&heap, block);
    }
}

#[wasm_bindgen_test]
fn repeated_allocations_of_the_same_sizes_do_not_grow_memory() {
    let heap = Heap::new();
    let round = || {
        let mut used = Used::new();
        for size in [1, 16, 17, 500, 70_000] {
            take(&heap, &mut used, size, 7);
        }
        for block in used {
            give_back(&heap, block);
        }
    };
    round();
    let pages = core::arch::wasm32::memory_size(0);
    for _ in 0..20 {
        round();
    }
    assert_eq!(core::arch::wasm32::memory_size(0), pages);
}

#[wasm_bindgen_test]
#[expect(unsafe_code, reason = "what an allocator is for")]
fn a_larger_alignment_than_supported_is_refused() {
    let layout = Layout::from_size_align(64, 4_096).expect("a layout");
    // SAFETY: a heap of its own, and a block that is not empty.
    assert!(unsafe { Heap::new().alloc(layout) }.is_null());
}
