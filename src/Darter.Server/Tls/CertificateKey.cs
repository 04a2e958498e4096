namespace Darter.Server.Tls;

/// <summary>What a certificate's key is, as far as it decides who can verify its signatures.</summary>
internal enum CertificateKey
{
    /// <summary>RSA: every client can.</summary>
    Rsa,

    /// <summary>The curve P-256 (secp256r1).</summary>
    EcdsaP256,

    /// <summary>The curve P-384 (secp384r1).</summary>
    EcdsaP384,

    /// <summary>The curve P-521 (secp521r1).</summary>
    EcdsaP521,

    /// <summary>Something else, which is presented only where there is nothing better.</summary>
    Other,
}
