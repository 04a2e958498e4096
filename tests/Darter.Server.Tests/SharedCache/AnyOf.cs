using CsCheck;

namespace Darter.Server.Tests.SharedCache;

/// <summary>One of a few things.</summary>
internal static class AnyOf
{
    internal static Gen<T> These<T>(params T[] things) => Gen.Int[0, things.Length - 1].Select(index => things[index]);
}
