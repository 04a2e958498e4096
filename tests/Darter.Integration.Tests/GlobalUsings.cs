global using Darter.Integration.Tests.Infrastructure;
global using Darter.Testing;
global using Darter.Testing.Http;
global using Xunit;

[assembly: AssemblyFixture(typeof(ServerPool))]
