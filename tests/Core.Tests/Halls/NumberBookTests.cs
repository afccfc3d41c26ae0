using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

public sealed class NumberBookTests
{
    [Fact]
    public void Find_OfAnyNumbersOfADay_IsWhatADictionaryFinds()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (book, model, last) = (new NumberBook(), new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        // An ordinal of a hall that has run for years.
        var ordinal = 3_000_000_000L;
        for (var i = 0; i < 5_000; i++)
        {
            var prefix = ((string[])["A", "B", "AB", "BUS"])[random.Next(4)];
            var count = last[prefix] = last.GetValueOrDefault(prefix) + 1;
            ordinal += random.Next(1, 3);
            var number = prefix + count.ToString("D3", CultureInfo.InvariantCulture);
            Assert.False(book.Contains(prefix, count), $"seed {seed}: {number} is there before it was issued.");
            book.Add(number, ordinal);
            model.Add(number, ordinal);
        }
        var copy = new NumberBook();
        copy.CopyFrom(book);
        book.Clear();
        foreach (var (number, its) in model) Assert.True(copy.Find(number) == its && book.Find(number) is null, $"seed {seed}: {number} is {copy.Find(number)} instead of {its}.");
        foreach (var (prefix, count) in last) Assert.True(copy.Contains(prefix, count) && !copy.Contains(prefix, count + 1), $"seed {seed}: {prefix} does not end with {count}.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("001")]
    [InlineData("C001")]
    [InlineData("A002")]
    [InlineData("A-001")]
    [InlineData("A99999999999999999999")]
    [InlineData("A10000001")]
    public void Find_OfWhatWasNotIssued_IsNothing(string number)
    {
        var book = new NumberBook();
        book.Add("A001", 7);

        Assert.Null(book.Find(number));
    }

    [Fact]
    public void Add_OfANumberThatIsOut_Throws()
    {
        var book = new NumberBook();
        book.Add("A001", 7);

        Assert.Throws<InvalidOperationException>(() => book.Add("A001", 8));
    }
}
