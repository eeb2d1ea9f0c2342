//! The macro that compiles migration files into a program; used as `whimbrel::embed_migrations!`, which is where it is
//! documented.
//!
//! [`files`] finds and reads them; here they become tokens. Each text is taken in with `include_str!`, which is how the
//! compiler learns that the program depends on the file.

#![forbid(unsafe_code)]

mod files;

use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token};

use files::{Collected, Request};

/// `"migrations/scripts", "migrations/helpers", project = ".."`.
struct Arguments {
    directory: LitStr,
    imports: Vec<LitStr>,
    project: Option<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let directory = input.parse()?;
        let (mut imports, mut project) = (Vec::new(), None);
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            if input.peek(LitStr) {
                imports.push(input.parse()?);
                continue;
            }
            let name: Ident = input.parse()?;
            if name != "project" || project.is_some() {
                let message = "expected a folder, or `project = \"FOLDER\"` once";
                return Err(syn::Error::new(name.span(), message));
            }
            input.parse::<Token![=]>()?;
            project = Some(input.parse()?);
        }
        Ok(Self { directory, imports, project })
    }
}

/// See `whimbrel::embed_migrations!`.
#[proc_macro]
pub fn embed_migrations(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let arguments = syn::parse_macro_input!(input as Arguments);
    expand(&arguments).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Cargo tells macros this way which package they are in.
fn manifest_folder() -> Option<PathBuf> {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

fn expand(arguments: &Arguments) -> syn::Result<TokenStream> {
    let wrong = |literal: &LitStr, message: String| syn::Error::new(literal.span(), message);
    let manifest = manifest_folder().ok_or_else(|| {
        wrong(&arguments.directory, "cargo does not say where the package is".into())
    })?;
    let request = Request {
        directory: manifest.join(arguments.directory.value()),
        imports: arguments.imports.iter().map(|folder| manifest.join(folder.value())).collect(),
        project: arguments.project.as_ref().map(|folder| manifest.join(folder.value())),
        manifest,
    };
    let Collected { files, skipped } =
        files::collect(&request).map_err(|message| wrong(&arguments.directory, message))?;
    let entries = files.iter().map(|file| {
        let (path, checksum, is_migration) = (&file.path, &file.checksum, file.is_migration);
        let absolute = file.absolute.to_string_lossy();
        quote! {
            ::whimbrel::__private::EmbeddedFile {
                path: #path,
                checksum: #checksum,
                text: ::core::include_str!(#absolute),
                is_migration: #is_migration,
            }
        }
    });
    let directory = arguments.directory.value();
    Ok(quote! {
        ::whimbrel::EmbeddedMigrations::__new(#directory, &[#(#entries),*], &[#(#skipped),*])
    })
}
