import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, dbShort, dbSpoken, spokenTime } from "../listening/words";

test("decibels are read and said", () => {
  assert.deepEqual([3, -2.5, 0, -Infinity].map(dbShort), ["+3\u00a0dB", "−2.5\u00a0dB", "0\u00a0dB", "off"]);
  assert.deepEqual([3, -1, 0, -Infinity].map(dbSpoken), ["plus 3 decibels", "minus 1 decibel", "0 decibels", "off"]);
});

test("times are read and said", () => {
  assert.deepEqual([0, 65.9, 600].map(clock), ["0:00", "1:05", "10:00"]);
  assert.deepEqual([1, 61, 120].map(spokenTime), ["1 second", "1 minute 1 second", "2 minutes 0 seconds"]);
});
