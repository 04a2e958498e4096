using CsCheck;
using Darter.Server.WebSockets;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.WebSockets;

public sealed class DeflateAgreementTests
{
    private static readonly string[] Parts = ["permessage-deflate", ";", ",", "=", "\"", " ", "server_max_window_bits", "12", "x"];

    private const string Plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [Theory]
    [InlineData("permessage-deflate", Plain, 15)]
    [InlineData("permessage-deflate; client_max_window_bits", Plain, 15)]
    [InlineData("permessage-deflate; client_max_window_bits=8", Plain, 15)]
    [InlineData("permessage-deflate;server_no_context_takeover;client_no_context_takeover", Plain, 15)]
    [InlineData("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", Plain + "; server_max_window_bits=12", 12)]
    [InlineData("permessage-deflate; server_max_window_bits=\"10\"", Plain + "; server_max_window_bits=10", 10)]
    [InlineData("x-webkit-deflate-frame, permessage-deflate", Plain, 15)]
    [InlineData("permessage-deflate; server_max_window_bits=8, permessage-deflate", Plain, 15)]
    [InlineData("permessage-deflate; unknown, permessage-deflate; server_max_window_bits=9", Plain + "; server_max_window_bits=9", 9)]
    [InlineData(" , permessage-deflate ,, ", Plain, 15)]
    public void TryNegotiate_WithAnOfferThatWillDo_AcceptsTheFirst(string offer, string answer, int bits)
    {
        Assert.True(DeflateAgreement.TryNegotiate(offer, out DeflateAgreement? agreement));
        Assert.Equal(new DeflateAgreement(bits, answer), agreement);
    }

    [Theory]
    [InlineData("")]
    [InlineData("permessage-bzip2")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=8")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=09")]
    [InlineData("permessage-deflate; client_max_window_bits=x")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10")]
    public void TryNegotiate_WithoutAnOfferThatWillDo_AgreesOnNothing(string offer)
    {
        Assert.True(DeflateAgreement.TryNegotiate(offer, out DeflateAgreement? agreement));
        Assert.Null(agreement);
    }

    [Theory]
    [InlineData("permessage-deflate;")]
    [InlineData("permessage-deflate; =3")]
    [InlineData("permessage-deflate; client_max_window_bits=")]
    [InlineData("permessage-deflate; client_max_window_bits=\"10")]
    [InlineData("permessage-deflate permessage-deflate")]
    [InlineData("a/b")]
    [InlineData("permessage-deflate, ;")]
    public void TryNegotiate_WithAMalformedField_Fails(string offer) =>
        Assert.False(DeflateAgreement.TryNegotiate(offer, out _));

    [Fact]
    public void TryNegotiate_WithAnyField_EndsWithoutAnException() =>
        Gen.OneOf(Gen.String, Gen.Int[0, Parts.Length - 1].Select(i => Parts[i]).Array[0, 12].Select(string.Concat))
            .Array[0, 3]
            .Sample(values => DeflateAgreement.TryNegotiate(new StringValues(values), out _) || true);
}
