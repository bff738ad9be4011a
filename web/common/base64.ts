export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

export function base64Of(bytes: Uint8Array): string {
  const step = 0x8000; // a call takes only so many arguments
  let characters = "";
  for (let start = 0; start < bytes.length; start += step) {
    characters += String.fromCharCode(...bytes.subarray(start, start + step));
  }
  return btoa(characters);
}

/** Little-endian float32, whatever the machine. */
export function floatsOf(base64: string): Float32Array {
  const bytes = bytesOf(base64);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

export function base64OfFloats(values: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return base64Of(new Uint8Array(view.buffer));
}
