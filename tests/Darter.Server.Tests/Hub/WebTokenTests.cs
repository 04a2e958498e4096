using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>Signatures.</summary>
public sealed class WebTokenTests
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    private readonly HubClock _clock = new();

    [Fact]
    public void Verify_OfATokenOfTheSameKey_HoldsWhileItIsValid()
    {
        string token = new WebToken("secret", _clock).Make("darter", TimeSpan.FromMinutes(5));
        Assert.True(new WebToken("base64:c2VjcmV0", _clock).Verify(token));
        Assert.False(new WebToken("other", _clock).Verify(token));
        _clock.Pass(TimeSpan.FromMinutes(6));
        Assert.False(new WebToken("secret", _clock).Verify(token));
    }

    [Fact]
    public void Verify_OfTheTokenOfRfc7515_Holds()
    {
        // Appendix A.1; it was valid until 2011.
        WebToken token = new("base64:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==", TimeProvider.System);
        const string Example =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        Assert.False(token.Verify(Example));
        Assert.True(new WebToken("base64:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==", new Before2011()).Verify(Example));
    }

    [Theory]
    [InlineData("""{"alg":"none"}""", "{}", false)]
    [InlineData("""{"alg":"HS512"}""", "{}", false)]
    [InlineData("[]", "{}", false)]
    [InlineData(Header, "{}", true)]
    [InlineData(Header, "[]", false)]
    [InlineData(Header, """{"exp":"never"}""", false)]
    [InlineData(Header, """{"exp":1e300}""", true)]
    [InlineData(Header, """{"nbf":1e300}""", false)]
    [InlineData(Header, """{"exp":1}""", false)]
    public void Verify_OfSignedParts_HoldsForThoseOfItsKind(string header, string claims, bool expected)
    {
        string signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        string token = $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData("secret"u8, Encoding.ASCII.GetBytes(signed)))}";
        Assert.Equal(expected, new WebToken("secret", _clock).Verify(token));
    }

    [Fact]
    public void Verify_OfATokenWithAnythingChanged_DoesNotHold()
    {
        WebToken token = new("secret", _clock);
        string right = token.Make("darter", TimeSpan.FromMinutes(5));
        Assert.True(token.Verify(right));
        Gen.Select(Gen.Int[0, right.Length - 1], Gen.Char['!', '~']).Sample((place, value) =>
        {
            char[] changed = right.ToCharArray();
            changed[place] = value;
            string text = new(changed);

            // The last character has bits that mean nothing.
            Assert.True(text == right || place == right.Length - 1 || !token.Verify(text));
        });
        Assert.False(token.Verify(""));
        Assert.False(token.Verify(new string('a', 10_000)));
        Assert.False(token.Verify("a.b.é"));
    }

    [Theory]
    [InlineData("secret", true)]
    [InlineData("base64:AAE=", true)]
    [InlineData("", false)]
    [InlineData("base64:", false)]
    [InlineData("base64:?", false)]
    public void IsKey_OfAKey_Holds(string key, bool expected) => Assert.Equal(expected, HubConfig.IsKey(key));

    private sealed class Before2011 : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2010, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
