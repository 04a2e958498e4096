global using Darter.Gateway.Tests.Front;
global using Xunit;
