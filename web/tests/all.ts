import "./base64";
import "./fft";
import "./limiter";
import "./sign_test";
import "./words";
