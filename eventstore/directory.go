package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	markerName = "ledger.json"
	lockName   = "LOCK"

	// formatVersion changes whenever an older version could misread the ledger.
	formatVersion = 1
)

// streamDir is where the embedded server keeps the stream's files.
var streamDir = filepath.Join("jetstream", "$G", "streams", streamName)

// marker is what makes a directory a ledger.
type marker struct {
	Format int    `json:"format"`
	Stream string `json:"stream"`
}

// readMarker returns ErrNotLedger where there is none.
func readMarker(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: there is no %s in %s", ErrNotLedger, markerName, dir)
	}
	if err != nil {
		return err
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return fmt.Errorf("%w: %s in %s is damaged: %w", ErrNotLedger, markerName, dir, err)
	}
	if head.Format != formatVersion {
		return fmt.Errorf("%w: %s has format %d, this version knows %d", ErrFormat, dir, head.Format, formatVersion)
	}
	var m marker
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || m.Stream != streamName {
		return fmt.Errorf("%w: %s in %s is not one of this version", ErrFormat, markerName, dir)
	}
	return nil
}

// writeMarker makes dir a ledger, durably: a crash leaves it whole or absent.
func writeMarker(dir string) error {
	b, err := json.Marshal(marker{formatVersion, streamName})
	if err != nil {
		return err
	}
	name := filepath.Join(dir, markerName)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lockDir takes the lock that the returned file holds until it is closed or the
// process ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // the lock was not had
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s is locked", ErrInUse, f.Name())
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return f, nil
}
