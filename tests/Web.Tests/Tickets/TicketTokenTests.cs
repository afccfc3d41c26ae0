using System.Security.Cryptography;
using HallOps.Core.Halls;
using HallOps.Web.Tickets;

namespace HallOps.Web.Tests.Tickets;

public sealed class TicketTokenTests
{
    private static readonly TicketTokens Tokens = new(RandomNumberGenerator.GetBytes(32));
    private static readonly HallId Hall = new("h");
    private static readonly WindowId Window = new("1");

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(uint.MaxValue, long.MaxValue)]
    public void Token_OfAnyTicket_ReadsBack(uint hall, long ordinal)
    {
        var token = Tokens.Of(new TicketId(hall, ordinal));
        Assert.Equal(38, token.Length);
        Assert.True(Tokens.TryRead(token, out var id));
        Assert.Equal(new TicketId(hall, ordinal), id);
    }

    [Fact]
    public void Token_WithAnyCharacterChanged_IsForged()
    {
        var token = Tokens.Of(new TicketId(7, 1234));
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var c in "AZaz09-_=+ ")
            {
                if (token[i] == c) continue;
                var forged = string.Concat(token.AsSpan(0, i), [c], token.AsSpan(i + 1));
                Assert.False(Tokens.TryRead(forged, out _), $"{forged} was taken for {token}.");
            }
        }
        Assert.False(Tokens.TryRead(token + "A", out _));
        Assert.False(Tokens.TryRead(token + "==", out _));
        Assert.False(Tokens.TryRead(token[..^1], out _));
        Assert.False(Tokens.TryRead("", out _));
        Assert.False(new TicketTokens(RandomNumberGenerator.GetBytes(32)).TryRead(token, out _));
    }

    [Fact]
    public void Nonce_ReadsBackAtItsWindowOnly()
    {
        var ticket = new TicketId(7, 1234);
        var nonce = Tokens.NonceOf(Hall, Window, ticket, 2);
        Assert.True(Tokens.TryReadNonce(nonce, Hall, 7, Window, out var read, out var leg));
        Assert.Equal((ticket, 2), (read, leg));
        Assert.False(Tokens.TryReadNonce(nonce, Hall, 7, new WindowId("2"), out _, out _));
        Assert.False(Tokens.TryReadNonce(nonce, new HallId("o"), 7, Window, out _, out _));
        Assert.False(Tokens.TryReadNonce(nonce, Hall, 8, Window, out _, out _));
        Assert.False(Tokens.TryRead(nonce, out _));
        Assert.False(Tokens.TryReadNonce(Tokens.Of(ticket), Hall, 7, Window, out _, out _));
    }
}

public sealed class PersonalNumberTests
{
    private static readonly DateOnly Today = new(2026, 11, 2);

    // The first two are the examples of GB 11643-1999 itself.
    [Theory]
    [InlineData("11010519491231002X", 76)]
    [InlineData("440524188001010014", 146)]
    [InlineData(" 11010519491231002x ", 76)]
    public void IdNumber_OfTheStandard_IsTakenWithItsAge(string text, int age)
    {
        Assert.True(PersonalNumbers.TryIdNumber(text, Today, out var number, out var years));
        Assert.Equal(age, years);
        Assert.Equal(text.Trim().ToUpperInvariant(), number);
    }

    [Theory]
    [InlineData("110105194912310020")]
    [InlineData("11010519491231002")]
    [InlineData("11010519491331002X")]
    [InlineData("1101051949123100２X")]
    [InlineData("")]
    public void IdNumber_WithAFault_IsRefused(string text) => Assert.False(PersonalNumbers.TryIdNumber(text, Today, out _, out _));

    [Fact]
    public void IdNumber_ChangedInOneDigit_NeverPasses()
    {
        const string good = "11010519491231002X";
        for (var i = 0; i < 17; i++)
        {
            foreach (var digit in "0123456789")
            {
                if (good[i] == digit) continue;
                var bad = string.Concat(good.AsSpan(0, i), [digit], good.AsSpan(i + 1));
                Assert.False(PersonalNumbers.TryIdNumber(bad, Today, out _, out _), bad);
            }
        }
    }

    [Fact]
    public void Age_OnTheBirthdayAndTheDayBefore()
    {
        PersonalNumbers.TryIdNumber("11010519491231002X", new DateOnly(2026, 12, 30), out _, out var before);
        PersonalNumbers.TryIdNumber("11010519491231002X", new DateOnly(2026, 12, 31), out _, out var on);
        Assert.Equal((76, 77), (before, on));
    }

    [Theory]
    [InlineData("+86 138-0013-8000", "8613800138000", true)]
    [InlineData("1234", "", false)]
    [InlineData("12345678901234567", "", false)]
    [InlineData("call me", "", false)]
    public void Phone_IsItsDigits(string text, string digits, bool good)
    {
        Assert.Equal(good, PersonalNumbers.TryPhone(text, out var number));
        if (good) Assert.Equal(digits, number);
    }
}
