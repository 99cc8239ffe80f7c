/**
 * A certificate that nobody trusts, for `api.example.test` and `login.example.test`, and its key, which protects nothing. Made with
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -addext subjectAltName=DNS:…
 */

export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjqJdxHxZQdU7+4c3
LsHzAAlrxZgmTQmdIDIZG5u+86qhRANCAAT9MjOmaH2JgwKNFq9xRIEIB3Yvkm/9
3aSQUPN27gKQSaAl6iutlRPP04slRcvIMVQ+y+5YXFgxCEOL30wKQnTT
-----END PRIVATE KEY-----
`

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBxDCCAWygAwIBAgIUN/sA4e7lf2lala7uy9Bd7Kz0wNYwCgYIKoZIzj0EAwIw
HjEcMBoGA1UEAwwTZ2VuZXN5cy1yZXBsYXkgdGVzdDAgFw0yNjExMjUxMDMyMzBa
GA8yMTI2MTEwMTEwMzIzMFowHjEcMBoGA1UEAwwTZ2VuZXN5cy1yZXBsYXkgdGVz
dDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABP0yM6ZofYmDAo0Wr3FEgQgHdi+S
b/3dpJBQ83buApBJoCXqK62VE8/TiyVFy8gxVD7L7lhcWDEIQ4vfTApCdNOjgYUw
gYIwHQYDVR0OBBYEFERZk4VBKoWmr/9Uu+0NWmY8NAv7MB8GA1UdIwQYMBaAFERZ
k4VBKoWmr/9Uu+0NWmY8NAv7MA8GA1UdEwEB/wQFMAMBAf8wLwYDVR0RBCgwJoIQ
YXBpLmV4YW1wbGUudGVzdIISbG9naW4uZXhhbXBsZS50ZXN0MAoGCCqGSM49BAMC
A0YAMEMCIGOen1zMR0T6UAwSNtkhUO2tUU5/t1rM8sie22bt5y7tAh8RwFeu5rmb
N0rwcq+3m98mjXKSKs5NTZN2kGT8cd6g
-----END CERTIFICATE-----
`
