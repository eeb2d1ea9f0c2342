//! Lets the add-on be linked: what it calls of Node.js is found when Node.js loads it.

fn main() {
    napi_build::setup();
}
