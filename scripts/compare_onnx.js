// Runs ONNX models in ONNX Runtime and compares with expected outputs: see scripts/test_export.sh.
//
//   node scripts/compare_onnx.js RUNTIME LIST
//
// Each line of LIST: the largest difference, in standard deviations of the expected output, name,
// model, PNG, .npy, and the label when it is an input; tabs between. The image is run alone and as the
// first and last of three, whose other one is black and has label 0.
'use strict';
const fs = require('fs');
const zlib = require('zlib');

const MEAN = 0.5, STD = 0.5;

function paeth(a, b, c) {
  const pa = Math.abs(b - c), pb = Math.abs(a - c), pc = Math.abs(a + b - 2 * c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// 8-bit grey or RGB, not interlaced: the planes [c, h, w] as the network reads them.
function readPng(path) {
  const file = fs.readFileSync(path);
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  const width = file.readUInt32BE(16), height = file.readUInt32BE(20), c = file[25] === 2 ? 3 : 1;
  const raw = zlib.inflateSync(Buffer.concat(parts)), stride = width * c;
  const data = new Float32Array(c * height * width);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)], row = new Uint8Array(stride);
    for (let i = 0; i < stride; i++) {
      const a = i < c ? 0 : row[i - c], b = above[i], d = i < c ? 0 : above[i - c];
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, d)][filter];
      row[i] = raw[y * (stride + 1) + 1 + i] + guess;
      data[(i % c) * height * width + y * width + Math.floor(i / c)] = (row[i] / 255 - MEAN) / STD;
    }
    above = row;
  }
  return { dims: [c, height, width], data };
}

function readNpy(path) {
  const file = fs.readFileSync(path), start = 10 + file.readUInt16LE(8);
  const dims = /'shape': \((\d+), (\d+), (\d+)\)/.exec(file.toString('latin1', 10, start));
  const data = new Float32Array(new Uint8Array(file.subarray(start)).buffer);
  return { dims: dims.slice(1).map(Number), data };
}

function deviation(values) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}

// Of image `place`, NaN when one of the values is. `expected` may hold every n-th row and column.
function difference(output, place, expected) {
  const [, c, h, w] = output.dims, [, eh, ew] = expected.dims, step = Math.ceil(h / eh);
  if (c * Math.ceil(h / step) * Math.ceil(w / step) !== expected.data.length)
    throw new Error(`output is [${output.dims}], expected [${expected.dims}]`);
  let worst = 0;
  expected.data.forEach((value, i) => {
    const channel = Math.floor(i / (eh * ew)), y = Math.floor(i / ew) % eh * step, x = i % ew * step;
    const off = Math.abs(output.data[((place * c + channel) * h + y) * w + x] - value);
    worst = off <= worst ? worst : off;
  });
  return worst;
}

async function compare(runtime, [, model, png, npy, label]) {
  const session = await runtime.InferenceSession.create(model);
  const image = readPng(png), expected = readNpy(npy), size = image.data.length;
  let worst = 0;
  for (const places of [[0], [0, 2]]) {
    const count = places[places.length - 1] + 1;
    const data = new Float32Array(count * size).fill(-MEAN / STD);
    const labels = new BigInt64Array(count);
    for (const place of places) {
      data.set(image.data, place * size);
      if (label) labels[place] = BigInt(label);
    }
    const inputs = { image: new runtime.Tensor('float32', data, [count, ...image.dims]) };
    if (label) inputs.style_label = new runtime.Tensor('int64', labels, [count]);
    const { output } = await session.run(inputs);
    for (const place of places) {
      const off = difference(output, place, expected) / deviation(expected.data);
      worst = off <= worst ? worst : off;
    }
  }
  return worst;
}

async function main() {
  const runtime = require(process.argv[2] + '/node_modules/onnxruntime-node');
  let passed = 0, failed = 0, worst = 0;
  for (const line of fs.readFileSync(process.argv[3], 'utf8').trim().split('\n')) {
    const [tolerance, ...fields] = line.split('\t');
    try {
      const off = await compare(runtime, fields);
      worst = off <= worst ? worst : off;
      if (!(off <= Number(tolerance))) throw new Error(`differs by ${off.toExponential(2)} of the deviation`);
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAIL ${fields[0]}: ${error.message}`);
    }
  }
  console.log(`largest difference ${worst.toExponential(2)} of the deviation`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();
