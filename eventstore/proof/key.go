package proof

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const (
	// OriginMax is the longest origin of a log, in bytes; its key's name is the
	// origin.
	OriginMax = 200

	keyNameMax  = 255  // bytes of a witness's name, which one of its kinds of signature counts in one byte
	keyTextMax  = 4096 // bytes of a verifier key as text; the longest kind has some 2100
	headsSuffix = "/heads"

	signingPart = "signing key"
	logPart     = "log key"
	witnessPart = "witness key"
)

// The kinds of key, by the first byte of the key, as C2SP signed-note lists them.
const (
	kindEd25519       = 0x01 // a log's signature
	kindCosignature   = 0x04 // a witness's, Ed25519 with a time
	kindCosignatureML = 0x06 // a witness's, ML-DSA-44 with a time
)

// GenerateKey makes a log's key: skey signs and is secret, vkey is what
// verifiers are given. name is the log's origin; rand is crypto/rand.Reader
// outside of tests.
func GenerateKey(rand io.Reader, name string) (skey, vkey string, err error) {
	if err := checkOrigin(signingPart, name); err != nil {
		return "", "", err
	}
	skey, vkey, err = note.GenerateKey(rand, name)
	if err != nil {
		return "", "", fmt.Errorf("make a signing key: %w", err)
	}
	return skey, vkey, nil
}

// checkOrigin refuses a name that no log can have.
func checkOrigin(part, name string) error {
	if !isOrigin(name) {
		return fault(ErrKey, part, "a log's name is 1 to %d printable ASCII characters, without space and plus, and does not end in %s", OriginMax, headsSuffix)
	}
	return nil
}

// isOrigin reports whether a log may have that origin: it is also the name of its
// keys, and no first line of something else than a checkpoint.
func isOrigin(s string) bool {
	unusual := func(r rune) bool { return r <= ' ' || r > '~' || r == '+' }
	return s != "" && len(s) <= OriginMax && !strings.ContainsFunc(s, unusual) && !strings.HasSuffix(s, headsSuffix)
}

// key is one that a policy trusts.
type key struct {
	note.Verifier
	public string // kind and key, to know the same key under another name
}

// id names a key for people: its name and hash, as its vkey begins.
func (k key) id() string { return fmt.Sprintf("%s+%08x", k.Name(), k.KeyHash()) }

// sameAs tells whether two keys are one, whatever their names and kinds.
func (k key) sameAs(other key) bool { return k.public[1:] == other.public[1:] }

// logKey reads the vkey of a log.
func logKey(vkey string) (key, error) {
	raw, err := keyBytes(vkey, logPart)
	if err != nil {
		return key{}, err
	}
	if raw[0] != kindEd25519 {
		return key{}, fault(ErrKey, logPart, "a log signs with Ed25519, key type %d", kindEd25519)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return key{}, fault(ErrKey, logPart, "it does not read as a verifier key")
	}
	if err := checkOrigin(logPart, v.Name()); err != nil {
		return key{}, err
	}
	return wholeKey(key{Verifier: v, public: string(raw)}, vkey, logPart)
}

// witnessKey reads the vkey of a witness.
func witnessKey(vkey string) (key, error) {
	raw, err := keyBytes(vkey, witnessPart)
	if err != nil {
		return key{}, err
	}
	if raw[0] != kindCosignature && raw[0] != kindCosignatureML {
		return key{}, fault(ErrKey, witnessPart, "a witness cosigns with a key of type %d or %d", kindCosignature, kindCosignatureML)
	}
	v, err := fnote.NewVerifierForCosignatureV1(vkey)
	if err != nil || len(v.Name()) > keyNameMax {
		return key{}, fault(ErrKey, witnessPart, "it does not read as a verifier key")
	}
	return wholeKey(key{Verifier: v, public: string(raw)}, vkey, witnessPart)
}

// keyBytes is the last part of a vkey: one byte for the kind, and the key.
func keyBytes(vkey, part string) ([]byte, error) {
	fields := strings.SplitN(vkey, "+", 3)
	if len(fields) != 3 || len(vkey) > keyTextMax {
		return nil, fault(ErrKey, part, "a verifier key is a name, a hash of 8 hexadecimal digits and a key in base64, with + between them")
	}
	raw, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(raw) < 2 {
		return nil, fault(ErrKey, part, "its last part is not base64")
	}
	return raw, nil
}

// wholeKey refuses a vkey that is not written as its parts are, which holds its
// hash too.
func wholeKey(k key, vkey, part string) (key, error) {
	if k.id()+"+"+base64.StdEncoding.EncodeToString([]byte(k.public)) != vkey {
		return key{}, fault(ErrKey, part, "its hash is not that of its name and key: was it cut short or mistyped?")
	}
	return k, nil
}
