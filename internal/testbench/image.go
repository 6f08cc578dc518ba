package testbench

import (
	"os"

	"github.com/taphoa/taphoa"
)

// Image is a template in memory: for a later sandbox of the same process, since filling a template takes longer than all forks of a test.
type Image struct {
	template template
	content  []byte
}

// Image returns a template.
func (s *Sandbox) Image(name string) (*Image, error) {
	s.mu.Lock()
	t := s.templates[name]
	s.mu.Unlock()
	if t == nil {
		return nil, errNoTemplate(name)
	}
	content, err := os.ReadFile(t.file)
	return &Image{*t, content}, err
}

// AddImage adds the template of an image under its name.
func (s *Sandbox) AddImage(i *Image) error {
	t := i.template
	var err error
	if t.file, err = s.templateFile(t.name); err == nil {
		err = os.WriteFile(t.file, i.content, 0o600)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[t.name] = &t
	return nil
}

func errNoTemplate(name string) error {
	return taphoa.Refuse(taphoa.CodeValidate, "template", "Không có mẫu (template) %s", name)
}
