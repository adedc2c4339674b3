//! A small hall: four combs and two all-passes a channel, as in Schroeder's and Freeverb's.

const COMBS: [usize; 4] = [1116, 1277, 1422, 1617];
const ALL_PASSES: [usize; 2] = [556, 225];
const SPREAD: [usize; 2] = [0, 23];
const FEEDBACK: f32 = 0.84;
const DAMP: f32 = 0.28;
const LEVEL: f32 = 0.16;

/// Adds the reverb of `sent` to `out`. It has been sounding already for `before` samples of what was sent
/// again and again, as in a loop.
pub(super) fn add(sent: &[f32], out: &mut [[f32; 2]], before: usize) {
    let skipped = sent.len() - before % sent.len().max(1);
    let sent: Vec<f32> = sent.iter().cycle().skip(skipped).take(before + sent.len()).copied().collect();
    for (channel, spread) in SPREAD.into_iter().enumerate() {
        let mut answer = vec![0.0; sent.len()];
        for length in COMBS {
            comb(&sent, &mut answer, length + spread);
        }
        for length in ALL_PASSES {
            all_pass(&mut answer, length + spread);
        }
        for (frame, answer) in out.iter_mut().zip(answer.iter().skip(before)) {
            if let Some(sample) = frame.get_mut(channel) {
                *sample += answer * LEVEL;
            }
        }
    }
}

fn comb(sent: &[f32], answer: &mut [f32], length: usize) {
    let mut line = vec![0.0f32; length];
    let mut low = 0.0f32;
    for (sent, answer) in sent.chunks(length).zip(answer.chunks_mut(length)) {
        for ((sent, answer), old) in sent.iter().zip(answer).zip(&mut line) {
            low = *old + DAMP * (low - *old);
            *answer += *old;
            *old = sent + low * FEEDBACK;
        }
    }
}

fn all_pass(answer: &mut [f32], length: usize) {
    let mut line = vec![0.0f32; length];
    for answer in answer.chunks_mut(length) {
        for (answer, old) in answer.iter_mut().zip(&mut line) {
            let fresh = *answer + *old * 0.5;
            *answer = *old - *answer;
            *old = fresh;
        }
    }
}
