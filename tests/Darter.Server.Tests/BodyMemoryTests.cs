using Darter.Server.Applications;

namespace Darter.Server.Tests;

public class BodyMemoryTests
{
    [Fact]
    public void TryRent_BeyondTheTotal_IsRefusedUntilSomeIsReturned()
    {
        BodyMemory memory = new();
        List<byte[]> rented = [];
        while (memory.TryRent(BodyMemory.PerRequest, out byte[]? array))
        {
            rented.Add(array);
            Assert.True(rented.Count <= 256, "the total is not bounded");
        }

        Assert.Equal(256, rented.Count);
        memory.Return(rented[0]);
        Assert.True(memory.TryRent(BodyMemory.PerRequest, out byte[]? again));
        memory.Return(again);
        rented.Skip(1).ToList().ForEach(memory.Return);
    }
}
