global using Darter.Testing;
global using Xunit;
