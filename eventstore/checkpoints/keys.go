package checkpoints

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/certledger/certledger/eventstore/proof"
)

// The files of a directory of keys that are ours. Each holds two lines: the
// signing key, and the key that verifiers are given.
const (
	currentName = "log.key"
	nextName    = "log.next.key"

	// formerSuffix ends the name of a key that was taken away, after its hash.
	formerSuffix = ".old"
)

// Errors of keys.
var (
	// ErrNoKey: there is no signing key.
	ErrNoKey = errors.New("there is no key to sign checkpoints with")

	// ErrKeyExists: there is one already.
	ErrKeyExists = errors.New("there is a key already")
)

// Key is a key that signs checkpoints.
type Key struct {
	Signer   note.Signer
	Verifier string // what verifiers are given: name, hash and public key in the form of signed notes
}

// Keys are the keys of a log. During a rotation there are two.
type Keys struct {
	Current *Key
	Next    *Key // nil where no rotation is prepared
}

func (k Keys) all() []*Key {
	if k.Next == nil {
		return []*Key{k.Current}
	}
	return []*Key{k.Current, k.Next}
}

// CreateKey makes the first key of a log whose checkpoints begin with origin.
func CreateKey(dir, origin string) (*Key, error) { return createKey(dir, currentName, origin) }

// CreateNextKey prepares a rotation: the new key signs once the ledger holds
// the act of two people that announces it.
func CreateNextKey(dir string) (*Key, error) {
	keys, err := LoadKeys(dir)
	if err != nil {
		return nil, err
	}
	return createKey(dir, nextName, keys.Current.Signer.Name())
}

func createKey(dir, name, origin string) (*Key, error) {
	skey, vkey, err := proof.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s", ErrKeyExists, path)
	}
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(skey + "\n" + vkey + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	return loadKey(dir, name)
}

// LoadKeys reads the keys of a directory. It is ErrNoKey where there is none.
func LoadKeys(dir string) (Keys, error) {
	current, err := loadKey(dir, currentName)
	if err != nil {
		return Keys{}, err
	}
	next, err := loadKey(dir, nextName)
	if err != nil && !errors.Is(err, ErrNoKey) {
		return Keys{}, err
	}
	return Keys{Current: current, Next: next}, nil
}

// ErrNotSigned says that the last published checkpoint does not carry the next
// key's signature yet.
var ErrNotSigned = errors.New("the last published checkpoint is not signed by the new key yet")

// FinishRotation lets the next key be the only one. Checkpoints have carried
// both signatures until then, the last one in published at least: otherwise it
// could not be continued. The old key is kept under another name, and signs
// nothing more.
func FinishRotation(dir, published string) (*Key, error) {
	keys, err := LoadKeys(dir)
	if err != nil {
		return nil, err
	}
	if keys.Next == nil {
		return nil, fmt.Errorf("%w to change to: prepare one first", ErrNoKey)
	}
	signed, err := SignedLast(published, keys.Next)
	if err != nil {
		return nil, err
	}
	if !signed {
		return nil, ErrNotSigned
	}
	current := filepath.Join(dir, currentName)
	if err := os.Link(current, filepath.Join(dir, fmt.Sprintf("log.%08x"+formerSuffix, keys.Current.Signer.KeyHash()))); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := os.Rename(filepath.Join(dir, nextName), current); err != nil {
		return nil, err
	}
	return keys.Next, syncDir(dir)
}

// SignedLast reports whether the last published checkpoint carries a key's
// signature.
func SignedLast(published string, k *Key) (bool, error) {
	if !Exists(published) {
		return false, fmt.Errorf("%w in %s", ErrNoPlace, published)
	}
	signed, err := readCheckpoint(published)
	if err != nil {
		return false, err
	}
	_, err = openOwn(signed, Keys{Current: k})
	return err == nil, nil
}

// FormerVerifiers are the verifier keys of those that were taken away by
// FinishRotation and are kept in a directory, in no order.
func FormerVerifiers(dir string) ([]string, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		if ok, err := filepath.Match("log.*"+formerSuffix, name.Name()); err != nil || !ok {
			continue
		}
		k, err := loadKey(dir, name.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, k.Verifier)
	}
	return out, nil
}

// loadKey reads one key file, never repeating what it holds.
func loadKey(dir, name string) (*Key, error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing", ErrNoKey, path)
	}
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if len(lines) != 2 {
		return nil, fmt.Errorf("%s does not hold a signing key; restore it from a backup", path)
	}
	signer, err := note.NewSigner(lines[0])
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a signing key; restore it from a backup", path)
	}
	verifier, err := note.NewVerifier(lines[1])
	if err != nil || verifier.Name() != signer.Name() || verifier.KeyHash() != signer.KeyHash() {
		return nil, fmt.Errorf("the two keys in %s do not belong together; restore it from a backup", path)
	}
	return &Key{Signer: signer, Verifier: lines[1]}, nil
}
