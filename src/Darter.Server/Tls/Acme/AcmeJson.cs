using System.Text.Json.Serialization;

namespace Darter.Server.Tls.Acme;

/// <summary>What is said to authorities and heard from them, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcmeDirectory))]
[JsonSerializable(typeof(AcmeAccount))]
[JsonSerializable(typeof(AcmeNewOrder))]
[JsonSerializable(typeof(AcmeOrder))]
[JsonSerializable(typeof(AcmeAuthorization))]
[JsonSerializable(typeof(AcmeChallenge))]
[JsonSerializable(typeof(AcmeFinalization))]
[JsonSerializable(typeof(AcmeProblem))]
[JsonSerializable(typeof(JsonWebSignature))]
[JsonSerializable(typeof(JsonWebHeader))]
[JsonSerializable(typeof(AcmeFailure))]
internal sealed partial class AcmeJson : JsonSerializerContext;
