declare module "worklet:*" {
  const code: string;
  export default code;
}
