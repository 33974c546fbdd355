package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// A key file is one line of five words:
//
//	certledger-key v1 NAME NUMBER BASE64URL
//
// NAME is ledger-hmac or vault-kek, NUMBER the epoch of a KEK and 0 for the
// ledger key, which is never replaced.
const (
	ledgerKeyName = "ledger-hmac"
	kekName       = "vault-kek"

	keyFileMark    = "certledger-key"
	keyFileVersion = "v1"
	keyFileMax     = 512 // bytes
)

const keySize = 32

type keyBytes [keySize]byte

func newKeyBytes() keyBytes {
	var k keyBytes
	rand.Read(k[:])
	return k
}

func ledgerKeyPath(dir string) string { return filepath.Join(dir, ledgerKeyName+".key") }

func kekPath(dir string, epoch uint32) string {
	return filepath.Join(dir, kekName+"-"+strconv.FormatUint(uint64(epoch), 10)+".key")
}

// writeKeyFile refuses to replace a file, and returns once it is durable. The
// directory still has to be synced.
func writeKeyFile(path, name string, number uint32, key *keyBytes) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	if err != nil {
		return fmt.Errorf("create key file: %w", err)
	}
	line := fmt.Appendf(make([]byte, 0, keyFileMax), "%s %s %s %d ", keyFileMark, keyFileVersion, name, number)
	line = append(base64.RawURLEncoding.AppendEncode(line, key[:]), '\n')
	defer clear(line)
	_, err = f.Write(line)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return nil
}

func readKeyFile(path, name string, number uint32) (key keyBytes, err error) {
	err = checkPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return key, fmt.Errorf("%w: %s: restore it from its backup", ErrKeyMissing, path)
	}
	if err != nil {
		return key, err
	}
	f, err := os.Open(path)
	if err != nil {
		return key, fmt.Errorf("open key file: %w", err)
	}
	var buf [keyFileMax]byte
	defer clear(buf[:])
	n, err := f.Read(buf[:])
	if errors.Join(err, f.Close()) != nil {
		return key, fmt.Errorf("%w: %s", ErrKeyFile, path)
	}
	line, ok := bytes.CutSuffix(buf[:n], []byte("\n"))
	words := bytes.Split(line, []byte(" "))
	if !ok || len(words) != 5 || string(words[0]) != keyFileMark {
		return key, fmt.Errorf("%w: %s", ErrKeyFile, path)
	}
	if string(words[1]) != keyFileVersion {
		return key, fmt.Errorf("%w: %s", ErrFormat, path)
	}
	if string(words[2]) != name || string(words[3]) != strconv.FormatUint(uint64(number), 10) {
		return key, fmt.Errorf("%w: %s holds another kind of key or another epoch's", ErrKeyWrong, path)
	}
	var decoded [keyFileMax]byte
	defer clear(decoded[:])
	n, err = base64.RawURLEncoding.Strict().Decode(decoded[:], words[4])
	if err != nil || n != keySize {
		return key, fmt.Errorf("%w: %s", ErrKeyFile, path)
	}
	copy(key[:], decoded[:])
	return key, nil
}

// makePrivateDir makes dir, and its parents, for this user only. An existing
// directory is left as it is, and checked.
func makePrivateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create directory: %w", err)
	}
	if err := checkPrivate(dir); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// checkPrivate refuses what the group or others may read, write or enter.
func checkPrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	want := "600"
	if info.IsDir() {
		want = "700"
	}
	return fmt.Errorf("%w: %s has mode %04o: chmod %s it, and consider who may have read it",
		ErrMode, path, info.Mode().Perm(), want)
}

// checkPrivateDir checks dir and the files in it.
func checkPrivateDir(dir string) error {
	if err := checkPrivate(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read directory: %w", err)
	}
	for _, e := range entries {
		if err := checkPrivate(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
