package oauth

import (
	"net/http"
	"slices"
)

// The endpoints, below the address of the server. [AuthorizePath] and EndSessionPath are pages (package console).
const (
	TokenPath      = "/connect/token"
	RevocationPath = "/connect/revocation"
	UserInfoPath   = "/connect/userinfo"
	EndSessionPath = "/connect/endsession"
	KeysPath       = "/.well-known/jwks.json"
	DiscoveryPath  = "/.well-known/openid-configuration"
)

// discovery is OpenID Connect Discovery 1.0, section 3, with the members of RFC 8414, RFC 9207 and RP-Initiated Logout that apply.
type discovery struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	UserInfoEndpoint      string   `json:"userinfo_endpoint"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	KeysURI               string   `json:"jwks_uri"`
	GrantTypes            []string `json:"grant_types_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	Challenges            []string `json:"code_challenge_methods_supported"`
	Prompts               []string `json:"prompt_values_supported"`
	Scopes                []string `json:"scopes_supported"`
	Claims                []string `json:"claims_supported"`
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthMethods []string `json:"revocation_endpoint_auth_methods_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	SigningAlgs           []string `json:"id_token_signing_alg_values_supported"`
	NamesIssuer           bool     `json:"authorization_response_iss_parameter_supported"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"` // true unless it is said
}

// ServeDiscovery serves the discovery document: GET /.well-known/openid-configuration.
func (s *Service) ServeDiscovery(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", notToBeStored) // it may depend on the Host header
	base := s.issuer(r)
	methods := []string{"client_secret_post", "client_secret_basic", "none"}
	serveDocument(w, r, &discovery{
		Issuer: base, AuthorizationEndpoint: base + AuthorizePath, TokenEndpoint: base + TokenPath, UserInfoEndpoint: base + UserInfoPath,
		EndSessionEndpoint: base + EndSessionPath, RevocationEndpoint: base + RevocationPath, KeysURI: base + KeysPath,
		GrantTypes: []string{grantType, grantCode, grantRefresh}, ResponseTypes: []string{"code"}, ResponseModes: []string{"query"},
		Challenges: []string{"S256"}, Prompts: prompts, Scopes: slices.Concat(scopes, personalScopes),
		Claims:      []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "preferred_username", "email", "retailer"},
		AuthMethods: methods, RevocationAuthMethods: methods,
		SubjectTypes: []string{"public"}, SigningAlgs: []string{"RS256"}, NamesIssuer: true,
	})
}
