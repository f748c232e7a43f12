// Times a variant in stridelab and, exported, in ONNX Runtime: see scripts/compare_speed.sh.
//
//   node scripts/compare_speed.js RUNTIME FOLDER STRIDELAB CONFIG VARIANT BATCH THREADS ROUNDS
//
// A round is one `stridelab bench` and then as many runs of ONNX Runtime: medians, in ms an image.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');

const WARMUP = 2, RUNS = 5;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

async function main() {
  const [, , root, folder, binary, config, variant, ...numbers] = process.argv;
  const [batch, threads, rounds] = numbers.map(Number);
  const runtime = require(root + '/node_modules/onnxruntime-node');
  const session = await runtime.InferenceSession.create(folder + '/model.onnx',
    { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all' });
  const dims = [batch, ...JSON.parse(fs.readFileSync(folder + '/trace.json')).variants[0].blocks[0].in];
  const pixels = new Float32Array(dims.reduce((a, b) => a * b)).map(() => Math.random() * 2 - 1);
  const image = new runtime.Tensor('float32', pixels, dims);

  async function other() {
    const times = [];
    for (let run = -WARMUP; run < RUNS; run++) {
      const start = process.hrtime.bigint();
      await session.run({ image });
      if (run >= 0) times.push(Number(process.hrtime.bigint() - start) / 1e6 / batch);
    }
    return median(times);
  }

  function own() {
    const options = ['--variant', variant, '--batch', batch, '--threads', threads, '--runs', RUNS,
      '--warmup', WARMUP, '--format', 'json', '--no-progress', '-q'].map(String);
    const timing = JSON.parse(execFileSync(binary, ['bench', config, ...options]));
    return { machine: timing.machine, ms: timing.variants[0].seconds_per_image.median * 1e3 };
  }

  const rows = [];
  let machine;
  for (let round = 0; round < rounds; round++) {
    const { machine: name, ms } = own(), theirs = await other();
    machine = name;
    rows.push({ ms, theirs, ratio: ms / theirs });
  }
  const column = (name, digits) => median(rows.map((row) => row[name])).toFixed(digits);
  console.log(`${machine}; batch ${batch}, threads ${threads}: stridelab ${column('ms', 1)} ms, ` +
    `ONNX Runtime ${column('theirs', 1)} ms an image, ratio ${column('ratio', 2)}`);
  console.log(`  rounds: ${rows.map((row) => row.ratio.toFixed(2)).join(' ')}`);
}

main();
