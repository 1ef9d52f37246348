//! People who operate a server: links, passwords, sessions, forms, roles, the trail.

mod entering;
mod forms;
mod links;
mod managing;
mod terminal;
