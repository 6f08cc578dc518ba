package main

import (
	"errors"

	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/message"
)

// mailFlags are the flags of serve for mail to people.
type mailFlags struct {
	SMTPURL  string `name:"smtp-url" variable:"TAPHOA_SMTP_URL" secret:"" placeholder:"URL" help:"Send invitations and resets through this server: smtp://USER:PASSWORD@HOST:PORT with STARTTLS, or smtps://; needs --smtp-from and --public-url."`
	SMTPFrom string `name:"smtp-from" variable:"TAPHOA_SMTP_FROM" placeholder:"ADDRESS" help:"With --smtp-url: the address that mail comes from, such as no-reply@shop.example."`
}

// checkMail refuses flags of the mail server that are invalid or incomplete.
func (s *serving) checkMail() (err error) {
	switch {
	case s.SMTPURL == "" && s.SMTPFrom == "":
		return nil
	case s.SMTPURL == "" || s.SMTPFrom == "":
		return message.Errorf("--smtp-url and --smtp-from belong together: give both")
	case s.PublicURL == "":
		return message.Errorf("%s needs --public-url: the links in a mail lead there", s.flagOrVariable("--smtp-url"))
	}
	s.mail, err = mail.New(s.SMTPURL, s.SMTPFrom)
	switch {
	case errors.Is(err, mail.ErrURL):
		return message.Errorf("%s must be a URL such as smtp://USER:PASSWORD@mail.example:587 or smtps://USER:PASSWORD@mail.example:465; in a password write %%40 for @, %%3A for :, %%2F for /",
			s.flagOrVariable("--smtp-url"))
	case errors.Is(err, mail.ErrFrom):
		return message.Errorf("%s must be an address such as no-reply@shop.example", s.flagOrVariable("--smtp-from"))
	}
	return err
}
