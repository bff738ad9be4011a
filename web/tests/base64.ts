import assert from "node:assert/strict";
import { test } from "node:test";
import { base64Of, base64OfFloats, bytesOf, floatsOf } from "../common/base64";

test("bytes and floats come back as they were", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  assert.deepEqual(bytesOf(base64Of(bytes)), bytes);
  const floats = Float32Array.of(0, -1.5, 3e38, 1e-40);
  assert.deepEqual(floatsOf(base64OfFloats(floats)), floats);
});
