"""The commands of `./ventanilla`, thin: each calls one function of bot/setup."""

print("cli")
