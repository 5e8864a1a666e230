// Unpack Chromium where TMPDIR says, and print where it lies.
// The package brings the shared libraries that a bare machine lacks, and unpacks them on Lambda alone.
process.env.AWS_EXECUTION_ENV = `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`;
const { default: chromium } = await import("@sparticuz/chromium");
console.log(await chromium.executablePath());
